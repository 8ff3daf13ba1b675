import{Fa as o}from"./chunk-RNT3OZI3.js";o();
