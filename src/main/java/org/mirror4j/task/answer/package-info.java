/**
 * Extractive question answering: questions whose answer is a span of a passage, or that have none.
 * SQuAD 1.1 and 2.0, whatever has their form (XQuAD, PolicyQA), and MRQA.
 */
package org.mirror4j.task.answer;
