"""Non-interference: two worlds that differ only in what somebody may not see, asked the same, byte for byte.

`world` makes what everybody may see and who asks; `changes` draws what is hidden; `questions` are asked of both;
`comparing` counts and names the differences. The test and `amity bench non-interference` run the same code.
"""
