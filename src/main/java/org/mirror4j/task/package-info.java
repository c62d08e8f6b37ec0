/**
 * Tasks with annotated data, a package each: readers of their files, which give checked records,
 * what the official scorer of each computes, and how a model learns it. Here is what they share: a
 * {@link org.mirror4j.task.Scorer} scores predictions against annotations and says {@link
 * org.mirror4j.task.Figure}s; a {@link org.mirror4j.task.FineTunedTask} is what {@code
 * method.finetune} trains. Depends on objective, bert, text and file.
 */
package org.mirror4j.task;
