import{Da as o}from"./chunk-HXDS6ZDY.js";o();
