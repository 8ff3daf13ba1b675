import{Fa as o}from"./chunk-IJN7PXQE.js";o();
