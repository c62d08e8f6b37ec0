/**
 * The processor as a {@link org.mirror4j.device.Device}: {@link
 * org.mirror4j.device.host.HostDevice} is all that others see. Large matrix products go to oneDNN
 * or OpenBLAS, one thread a call; everything else is the Vector API on memory outside the Java
 * heap. Work is split so that the bits of a result do not depend on the number of threads, and a
 * step allocates nothing once it is planned. Depends on device and tensor.
 */
package org.mirror4j.device.host;
