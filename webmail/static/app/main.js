import{Ga as o}from"./chunk-OHUL35WZ.js";o();
