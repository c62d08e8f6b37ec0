/**
 * NVIDIA cards: a small driver interface with JCuda behind it, cuBLAS, and the launches of the
 * kernels. The only package that knows JCuda.
 */
package org.mirror4j.device.cuda;
