import{Da as o}from"./chunk-GFUD3XIT.js";o();
