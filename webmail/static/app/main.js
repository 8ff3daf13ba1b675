import{Da as o}from"./chunk-NYDCTHAS.js";o();
