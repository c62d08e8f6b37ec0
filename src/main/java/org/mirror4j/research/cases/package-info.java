/**
 * The inputs of each operation at the sizes that matter, described once: for the check of a kernel,
 * for its counters and for the comparison on a card.
 */
package org.mirror4j.research.cases;
