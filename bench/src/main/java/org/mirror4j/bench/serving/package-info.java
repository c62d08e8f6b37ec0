/** A server under load, beside the engine that it serves. */
package org.mirror4j.bench.serving;
