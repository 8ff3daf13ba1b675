import{Da as o}from"./chunk-O5P7O7GZ.js";o();
