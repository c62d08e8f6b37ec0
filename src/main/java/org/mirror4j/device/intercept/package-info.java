/** Kernels that check operands and leave the operations to a listener. */
package org.mirror4j.device.intercept;
