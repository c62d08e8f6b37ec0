/**
 * The operations by launches of kernels: a small driver interface, the arguments of a launch, and
 * the launches of each family. Knows neither JCuda nor the interpreter, which stand behind the
 * driver.
 */
package org.mirror4j.device.launch;
