/** Reading and writing safetensors files beside DJL. */
package org.mirror4j.bench.checkpoint;
