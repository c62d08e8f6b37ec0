/**
 * Models by name, and where those lie that have been fetched: in a cache of our own ({@link
 * org.mirror4j.name.ModelHome}) or in that of HuggingFace ({@link
 * org.mirror4j.name.HuggingFaceCache}). Nothing here opens a connection; what is not there is
 * fetched by the command of that name alone.
 */
package org.mirror4j.name;
