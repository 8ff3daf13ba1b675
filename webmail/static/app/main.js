import{Da as o}from"./chunk-GIBMT6V2.js";o();
