/** The exact search for the nearest of many vectors. */
package org.mirror4j.bench.search;
