import{Fa as o}from"./chunk-NELOOWC6.js";o();
