import{Da as o}from"./chunk-VNTYUHM3.js";o();
