/** Tokenizing beside DJL's tokenizers. */
package org.mirror4j.bench.text;
