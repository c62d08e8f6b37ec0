/** Results as files: JSON by machine, the page about them and its plots. */
package org.mirror4j.bench.report;
