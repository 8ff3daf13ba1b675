import{Da as o}from"./chunk-PYLRYDDU.js";o();
