import{Da as o}from"./chunk-CA37AI2K.js";o();
