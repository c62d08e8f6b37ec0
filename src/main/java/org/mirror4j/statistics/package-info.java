/** Statistics of plain numbers that several measurements share; imports nothing of ours. */
package org.mirror4j.statistics;
