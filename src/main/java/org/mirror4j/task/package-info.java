/**
 * Tasks with annotated data, a package each: readers of their files, which give checked records,
 * and what the official scorer of each computes. Here is what they share: a {@link
 * org.mirror4j.task.Scorer} scores predictions against annotations and says {@link
 * org.mirror4j.task.Figure}s. Nothing here knows of models or devices.
 */
package org.mirror4j.task;
