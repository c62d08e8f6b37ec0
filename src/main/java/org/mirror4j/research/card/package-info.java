/**
 * What is measured on a card, and the same on the interpreter at toy sizes, so that a run on a card
 * holds no surprise.
 */
package org.mirror4j.research.card;
