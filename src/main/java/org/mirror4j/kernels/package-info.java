/**
 * Research on kernels without and with a card: what {@code ./mirror4j kernels} does. Depends on the
 * devices and on training, never on the command line.
 */
package org.mirror4j.kernels;
