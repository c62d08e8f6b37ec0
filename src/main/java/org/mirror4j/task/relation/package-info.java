/** Classification of the relation between two marked parts of a sentence: TACRED, SemEval-2010. */
package org.mirror4j.task.relation;
