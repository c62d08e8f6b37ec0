/**
 * Research on kernels without a card: checks, counts and profiles on the interpreter, which is what
 * {@code ./mirror4j kernels} does. Depends on the devices and on training, never on the command
 * line.
 */
package org.mirror4j.research;
