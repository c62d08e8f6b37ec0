/** Matrix products beside other libraries', and the peak that none can exceed. */
package org.mirror4j.bench.product;
