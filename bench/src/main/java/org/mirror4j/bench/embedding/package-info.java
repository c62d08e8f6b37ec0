/** Texts to vectors with trained weights, beside LangChain4j and DJL. */
package org.mirror4j.bench.embedding;
