import{Da as o}from"./chunk-LAFOIM64.js";o();
