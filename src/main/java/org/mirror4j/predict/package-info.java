/**
 * What pretrained models say of texts: the tokens that their heads predict, and how likely those
 * are that stand there.
 */
package org.mirror4j.predict;
