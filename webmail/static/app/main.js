import{Fa as o}from"./chunk-DWBO2M6T.js";o();
