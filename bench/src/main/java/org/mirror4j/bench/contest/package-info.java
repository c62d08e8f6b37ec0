/** How sides are measured against each other: contests, their forks by JMH, and what these give. */
package org.mirror4j.bench.contest;
