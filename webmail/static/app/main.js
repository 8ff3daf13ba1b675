import{Da as o}from"./chunk-7Z55NRUQ.js";o();
