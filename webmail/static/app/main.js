import{Da as o}from"./chunk-LEICBFEE.js";o();
