/** What pretrained models say of texts: the tokens that their heads predict. */
package org.mirror4j.predict;
