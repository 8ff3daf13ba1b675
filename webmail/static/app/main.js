import{Da as o}from"./chunk-HN5DKH2Z.js";o();
