/** Coreference: which mentions of a document speak of the same thing (CoNLL-2012). */
package org.mirror4j.task.coreference;
