/**
 * Research on kernels without a card: every operation at sizes of one's choice on the interpreter,
 * held against the processor's results, counted, and bounded in time.
 */
package org.mirror4j.kernels;
