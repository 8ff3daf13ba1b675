import{Da as o}from"./chunk-7LECTSS4.js";o();
