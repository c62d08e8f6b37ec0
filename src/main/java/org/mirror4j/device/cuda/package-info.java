/**
 * NVIDIA cards: JCuda behind the driver interface, and cuBLAS. The only package that knows JCuda.
 */
package org.mirror4j.device.cuda;
