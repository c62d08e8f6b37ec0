/** Tags of words that stand for spans: named entities, phrases. */
package org.mirror4j.task.tagging;
