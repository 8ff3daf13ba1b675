import{Da as o}from"./chunk-PA7NJJDF.js";o();
