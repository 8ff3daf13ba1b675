import{Da as o}from"./chunk-YTNEIGIT.js";o();
