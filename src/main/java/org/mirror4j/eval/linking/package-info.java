/**
 * Mentions of concepts in texts and the names that dictionaries give the concepts: how they are
 * read, and made comparable.
 */
package org.mirror4j.eval.linking;
