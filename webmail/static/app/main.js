import{Da as o}from"./chunk-WSYKRQFU.js";o();
